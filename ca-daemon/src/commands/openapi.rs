//! `openapi`: print the OpenAPI document.

use utoipa::OpenApi;

use super::print;
use crate::http::openapi::ApiDocument;

/// Runs the command.
///
/// # Errors
/// The document cannot be written as JSON.
pub fn print_document() -> anyhow::Result<()> {
    print(&serde_json::to_string_pretty(&ApiDocument::openapi())?);
    Ok(())
}
