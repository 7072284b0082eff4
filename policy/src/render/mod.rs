//! The published text of the CPS.

use pki::IssuerName;

use crate::Policy;

impl Policy {
    /// The CPS in Markdown, with the headings of RFC 3647, in Chinese and English.
    pub fn render_markdown(&self, issuer: &IssuerName) -> String {
        let _ = issuer;
        String::new()
    }

    /// The CPS as a page of HTML.
    pub fn render_html(&self, issuer: &IssuerName) -> String {
        let _ = issuer;
        String::new()
    }
}
