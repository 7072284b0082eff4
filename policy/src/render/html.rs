//! The CPS as a page of HTML.

use pki::IssuerName;
use pulldown_cmark::{Options, Parser, html};

use crate::Policy;

const STYLE: &str = "body{font:16px/1.6 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse}th,td{border:1px solid #999;padding:.2rem .5rem;text-align:left;\
vertical-align:top}";

impl Policy {
    /// The CPS as a page of HTML, without scripts or anything from elsewhere.
    pub fn render_html(&self, issuer: &IssuerName) -> String {
        let markdown = self.render_markdown(issuer);
        let mut body = String::new();
        html::push_html(
            &mut body,
            Parser::new_ext(&markdown, Options::ENABLE_TABLES),
        );
        let title = &self.source.document.title.en;
        let title = title
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        format!(
            "<!DOCTYPE html>\n<html lang=\"zh\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
             <style>{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
        )
    }
}
