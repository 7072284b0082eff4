//! What a receipt says, line by line.

use api::{CarriedBy, CertificateState, RevocationReceipt};

use crate::{commands::show, table};

/// The receipt for people.
pub(super) fn receipt(receipt: &RevocationReceipt) -> String {
    let mut lines = vec![
        ("certificate", certificate(receipt)),
        ("state", state(receipt)),
        ("requested", show::time(receipt.requested_at)),
        ("approved", show::time(receipt.approved_at)),
        ("in force", show::time(receipt.effective_at)),
    ];
    if let Some(since) = receipt.invalidity_date {
        lines.push(("key not good since", show::time(since)));
    }
    for by in &receipt.responders {
        let at = show::time(by.acknowledged_at);
        lines.push((
            "OCSP",
            format!("{} has answered so since {at}", by.responder),
        ));
    }
    for name in &receipt.pending_responders {
        lines.push(("OCSP", format!("{name} has not confirmed it")));
    }
    lines.extend(receipt.crls.iter().flat_map(list));
    for scope in &receipt.pending_crls {
        lines.push(("CRL", format!("{scope}: the next list will be the first")));
    }
    lines.push(("signed", show::time(receipt.signed_at)));
    let complete = if receipt.complete {
        "yes: nothing is pending"
    } else {
        "no: a receipt that is fetched later says more"
    };
    lines.push(("complete", complete.to_owned()));
    let members: Vec<_> = lines
        .into_iter()
        .map(|(name, text)| (name, Some(text)))
        .collect();
    table::members(&members)
}

fn certificate(receipt: &RevocationReceipt) -> String {
    format!("{} of {}", receipt.serial, receipt.issuer)
}

fn state(receipt: &RevocationReceipt) -> String {
    let state = match receipt.state {
        CertificateState::Revoked => "revoked for good",
        CertificateState::OnHold => "on hold",
        CertificateState::Abandoned => "given up while it was signed; it counts as revoked",
        CertificateState::Issued | CertificateState::Signing => "not revoked",
    };
    format!(
        "{state}, ground {}, reason {}",
        receipt.ground,
        receipt.reason.as_str()
    )
}

fn list(crl: &CarriedBy) -> Vec<(&'static str, String)> {
    let made = show::time(crl.this_update);
    let first = format!(
        "{}: number {} of {made} first carried it",
        crl.scope, crl.number
    );
    let mut lines = vec![("CRL", first)];
    for by in &crl.publishers {
        let at = show::time(by.published_at);
        let text = format!(
            "{}: {} published number {} at {at}",
            crl.scope, by.publisher, by.number
        );
        lines.push(("CRL", text));
    }
    for name in &crl.pending_publishers {
        lines.push(("CRL", format!("{}: {name} has not published it", crl.scope)));
    }
    lines
}
