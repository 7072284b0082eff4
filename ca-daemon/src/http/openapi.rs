//! The OpenAPI document, made from the handlers and served at `/openapi.json`.

use axum::Json;
use utoipa::OpenApi;

use super::{officer, ra, receipt};

/// The document's source.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "Chancery RA and officer API",
        description = "TLS 1.3 with client certificates that an officer registered. \
            Refusals are RFC 9457 problems with stable codes."
    ),
    paths(
        ra::enrollment::enroll, ra::enrollment::renew, ra::enrollment::replace,
        ra::status::revoke, ra::status::hold, ra::status::release,
        ra::lookup::look_up, ra::lookup::list, ra::lookup::look_up_request, ra::lookup::accept,
        ra::lookup::chain, ra::lookup::profiles, receipt::own, receipt::any,
        officer::peers::register, officer::peers::list, officer::peers::look_up,
        officer::peers::change, officer::peers::certificates::certify, officer::peers::certificates::pin,
        officer::peers::certificates::unpin, officer::peers::certificates::certify_server,
        officer::authority::register_responder_key, officer::authority::responder_keys,
        officer::authority::retire_responder_key,
        officer::authority::import_crl, officer::authority::crls, officer::authority::block_key,
        officer::authority::reload_policy, officer::keys::resume, officer::keys::retire,
        officer::backup::make, officer::certificates::list, officer::certificates::look_up, officer::certificates::revoke, officer::audit::list,
    ),
    components(schemas(api::RevocationReceipt)),
    tags(
        (name = "ra", description = "for registration authorities"),
        (name = "officer", description = "for security officers; auditors may read"),
    )
)]
pub struct ApiDocument;

/// `GET /openapi.json`.
pub async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(ApiDocument::openapi())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ca-daemon openapi >docs/openapi.json` makes it current again.
    #[test]
    fn the_document_that_is_checked_in_is_current() {
        let checked_in = include_str!("../../../docs/openapi.json");
        let current = serde_json::to_string_pretty(&ApiDocument::openapi()).unwrap();
        assert!(
            checked_in.trim_end() == current,
            "docs/openapi.json is not current"
        );
    }
}
