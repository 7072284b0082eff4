//! Mailboxes (RFC 5321 §4.1.2, RFC 6531 §3.3, RFC 9598).

use super::{dns, rules, rules::Fault};

/// RFC 5321 §4.5.3.1.1, in octets.
const MAX_LOCAL_OCTETS: usize = 64;
/// RFC 5321 §4.5.3.1.3 without the angle brackets, in octets.
const MAX_OCTETS: usize = 254;

/// Brings a mailbox to its normal form: the local part as it is, the domain in A-labels and lower
/// case (RFC 9598 §3).
pub(super) fn normalise(mailbox: &str) -> Result<String, Fault> {
    let (local, domain) = mailbox.rsplit_once('@').ok_or_else(malformed)?;
    if let Some(fault) = rules::faults(mailbox, MAX_OCTETS).into_iter().next() {
        return Err(fault);
    }
    let atoms = local.split('.').all(is_atom);
    if !atoms || local.len() > MAX_LOCAL_OCTETS {
        return Err(malformed());
    }
    let domain = dns::normalise(domain)?;
    let normal = format!("{local}@{domain}");
    if normal.len() > MAX_OCTETS {
        Err(malformed())
    } else {
        Ok(normal)
    }
}

/// Whether the mailbox needs a `SmtpUTF8Mailbox`: exactly if its local part is not ASCII
/// (RFC 9598 §3).
pub(super) fn is_internationalized(mailbox: &str) -> bool {
    !mailbox.is_ascii()
}

/// An atom (RFC 5321 §4.1.2), with the characters that RFC 6531 §3.3 adds. Quoted strings are
/// legal mail and dangerous names, so they are refused.
fn is_atom(atom: &str) -> bool {
    !atom.is_empty()
        && atom.chars().all(|character| {
            character.is_ascii_alphanumeric()
                || "!#$%&'*+-/=?^_`{|}~".contains(character)
                || (!character.is_ascii() && !character.is_whitespace())
        })
}

fn malformed() -> Fault {
    (
        "email-malformed",
        "must be a mailbox, local-part@domain".into(),
    )
}
