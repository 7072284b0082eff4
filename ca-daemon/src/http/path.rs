//! Parts of a path.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path as AxumPath};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::problem::{NotDone, ProblemResponse};
use crate::app::App;
use crate::refusal::{Refusal, RefusalKind};

/// What stands in the place of a route's `{…}`; one that cannot be read is a problem like any other.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Arc<App>> for Path<T> {
    type Rejection = ProblemResponse;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &Arc<App>,
    ) -> Result<Self, ProblemResponse> {
        let read = AxumPath::from_request_parts(parts, app).await;
        read.map(|AxumPath(value)| Self(value)).map_err(|_| {
            let refusal = Refusal::new(RefusalKind::Malformed, "malformed-path")
                .with_detail("percent-encode the path as UTF-8");
            ProblemResponse::new(NotDone::Refused(refusal), app.new_request_id())
        })
    }
}
