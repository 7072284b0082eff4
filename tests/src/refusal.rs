//! What every refusal must be: a problem with its code, nothing signed, an audit event.

use std::cell::RefCell;

use crate::audit_log::AuditLog;
use crate::client::Answer;
use crate::world::World;

/// Watches a world while it refuses.
#[derive(Debug)]
pub struct Refusals {
    log: RefCell<AuditLog>,
}

impl Refusals {
    /// Begins to watch.
    pub fn watch(world: &World) -> Self {
        Self {
            log: RefCell::new(world.audit_from_now()),
        }
    }

    /// A refusal that the audit log shows with its code.
    #[track_caller]
    pub fn audited(&self, what: &str, answer: &Answer, status: u16, code: &str) {
        self.unaudited(what, answer, status, code, |events| {
            let refused = events.iter().any(|event| {
                event.outcome == "refused" && event.codes.iter().any(|found| found == code)
            });
            assert!(refused, "{what}: {code} is not audited: {events:?}");
        });
    }

    /// A refusal of something that is not worth an audit event, such as a path that is not there.
    #[track_caller]
    pub fn plain(&self, what: &str, answer: &Answer, status: u16, code: &str) {
        self.unaudited(what, answer, status, code, |_| ());
    }

    #[track_caller]
    fn unaudited(
        &self,
        what: &str,
        answer: &Answer,
        status: u16,
        code: &str,
        audited: impl FnOnce(&[api::AuditEntryBody]),
    ) {
        assert_is_problem(what, answer, status, code);
        let events = self.log.borrow_mut().advance();
        let signed: Vec<_> = events.iter().filter(|e| e.event == "signing").collect();
        assert!(
            signed.is_empty(),
            "{what}: something was signed: {signed:?}"
        );
        audited(&events);
    }
}

/// RFC 9457: media type, members, and the code among those listed.
#[track_caller]
pub fn assert_is_problem(what: &str, answer: &Answer, status: u16, code: &str) {
    let text = answer.text();
    assert_eq!(answer.status, status, "{what}: {text}");
    let media_type = answer.header("content-type");
    assert_eq!(media_type, Some(api::routes::PROBLEM_MEDIA_TYPE), "{what}");
    let problem: api::Problem = answer.read();
    let named = format!("urn:chancery:problem:{}", problem.code);
    assert_eq!(problem.problem_type, named, "{what}");
    assert_eq!(problem.status, status, "{what}");
    assert!(!problem.request_id.is_empty(), "{what}");
    let codes = answer.codes();
    let found = problem.code == code || codes.iter().any(|found| found == code);
    assert!(found, "{what}: {code} is not among the codes: {text}");
}
