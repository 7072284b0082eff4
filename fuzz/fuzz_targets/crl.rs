//! CRLs: no panic, and entries are read to the end or to one error.

#![no_main]

use issuance::crl_reader::CrlView;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Ok(view) = CrlView::parse(octets) else {
        return;
    };
    for part in [view.tbs_der(), view.issuer_der(), view.signature()] {
        assert!(
            octets
                .windows(part.len().max(1))
                .any(|window| part.is_empty() || window == part)
        );
    }
    let _ = (
        view.number(),
        view.this_update(),
        view.next_update(),
        view.scope(),
    );
    let entries: Vec<_> = view.entries().collect();
    let errors = entries.iter().filter(|entry| entry.is_err()).count();
    assert!(errors == 0 || (errors == 1 && entries.last().is_some_and(Result::is_err)));
});
