//! The published text of the CPS: the policy in words, under the headings of RFC 3647.
//!
//! Everything that decides is printed from the same values that decide; the free texts of the file
//! stand under their headings. A section without either says that it makes no stipulation.

mod chapters;
mod html;
mod identity;
mod profiles;
mod status;
mod words;

use std::fmt::Write;

use pki::IssuerName;

use crate::{Policy, outline::OUTLINE, source::Text};

impl Policy {
    /// The CPS in Markdown, in Chinese and English, with the headings of RFC 3647.
    pub fn render_markdown(&self, issuer: &IssuerName) -> String {
        let source = &self.source;
        let mut page = Page::default();
        let title = &source.document.title;
        page.line(&format!("# {} · {}", escape(&title.zh), escape(&title.en)));
        page.facts(&[
            ("版本 · Version", source.document.version.clone()),
            (
                "生效 · Effective from",
                source.document.effective_from.clone(),
            ),
            ("标识 · OID", self.oid.to_string()),
            ("签发者 · Issuing CA", issuer.to_string()),
            ("SHA-256", hex::encode(self.digest)),
        ]);
        for heading in OUTLINE {
            let marks = "#".repeat(heading.depth() + 1);
            page.line(&format!(
                "{marks} {} {} · {}",
                heading.number, heading.zh, heading.en
            ));
            let before = page.len();
            self.section(heading.number, issuer, &mut page);
            if let Some(text) = source.text.get(heading.number) {
                page.text(text);
            }
            let chapter = OUTLINE.iter().any(|other| {
                other
                    .number
                    .strip_prefix(heading.number)
                    .is_some_and(|rest| rest.starts_with('.'))
            });
            if page.len() == before && !chapter {
                page.line("无规定。 No stipulation.");
            }
        }
        page.0
    }

    fn section(&self, number: &str, issuer: &IssuerName, page: &mut Page) {
        self.render_introduction(number, issuer, page);
        self.render_identity(number, page);
        self.render_status(number, page);
        self.render_profiles(number, page);
    }
}

/// Markdown under construction.
#[derive(Default)]
struct Page(String);

impl Page {
    fn len(&self) -> usize {
        self.0.len()
    }

    /// A paragraph or heading.
    fn line(&mut self, line: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "{line}\n");
    }

    fn text(&mut self, text: &Text) {
        self.line(&escape(&text.zh));
        self.line(&escape(&text.en));
    }

    fn both(&mut self, zh: &str, en: &str) {
        self.line(&escape(zh));
        self.line(&escape(en));
    }

    /// A list of names and values.
    fn facts(&mut self, facts: &[(&str, String)]) {
        for (name, value) in facts {
            let _ = writeln!(self.0, "- {name}: {}", escape(value));
        }
        self.0.push('\n');
    }

    fn table(&mut self, header: &[&str], rows: &[Vec<String>]) {
        if rows.is_empty() {
            return;
        }
        let _ = writeln!(self.0, "| {} |", header.join(" | "));
        let _ = writeln!(self.0, "|{}", " --- |".repeat(header.len()));
        for row in rows {
            let cells: Vec<String> = row.iter().map(|cell| escape(cell)).collect();
            let _ = writeln!(self.0, "| {} |", cells.join(" | "));
        }
        self.0.push('\n');
    }
}

/// Makes text safe to stand in Markdown and in the HTML that is made of it.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(
            character,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '&' | '#'
        ) {
            escaped.push('\\');
        }
        escaped.push(if character.is_control() {
            ' '
        } else {
            character
        });
    }
    escaped
}
