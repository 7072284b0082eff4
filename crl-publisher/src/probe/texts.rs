//! CA certificates and documents: there is one right answer, and the copy has it.

use super::{
    Look,
    check::media_type,
    finding::Visited,
    http::{Ask, HttpClient},
};

/// Fetches the certificate and the documents of one issuer.
pub(super) async fn probe(client: &mut HttpClient, look: &mut Look<'_>) {
    let subject = look.subject;
    for url in &subject.certificate_urls {
        let der = subject.certificate.der();
        let right = Right {
            media_type: "application/pkix-cert",
            body: der,
            code: "certificate-differs",
        };
        compare(client, url, &right, look).await;
    }
    for text in &subject.texts {
        let right = Right {
            media_type: &text.media_type,
            body: &text.body,
            code: "document-differs",
        };
        compare(client, &text.url, &right, look).await;
    }
}

/// The right answer, and the code of any other one.
struct Right<'a> {
    media_type: &'a str,
    body: &'a [u8],
    code: &'static str,
}

async fn compare(client: &mut HttpClient, url: &str, right: &Right<'_>, look: &mut Look<'_>) {
    let before = look.findings.len();
    let ask = Ask {
        url,
        post: None,
        max_bytes: MAX_TEXT_BYTES,
    };
    match client.ask(&ask).await {
        Err(fault) => look.findings.add(fault.code(), url, fault.to_string()),
        Ok(reply) => {
            media_type::check(&reply.headers, right.media_type, url, &mut look.findings);
            if reply.body != right.body {
                let (found, expected) = (reply.body.len(), right.body.len());
                let detail = format!("{found} octets that are not the {expected} expected");
                look.findings.add(right.code, url, detail);
            }
            let visited = Visited {
                url,
                method: "GET",
                at: look.now,
                seconds: reply.took.as_secs_f64(),
                next_update: None,
            };
            look.findings.visited(&visited, before);
        }
    }
}

/// The longest document that is fetched.
const MAX_TEXT_BYTES: usize = 16 * 1024 * 1024;
