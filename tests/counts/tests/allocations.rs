//! No hot path needs more of the heap than was agreed.

use counts::{Bounds, PATH, operations};

#[test]
fn hot_paths_stay_within_their_bounds() -> anyhow::Result<()> {
    let bounds = Bounds::read()?.allocations;
    let mut faults = Vec::new();
    for mut operation in operations()? {
        let (name, counted) = (operation.name, operation.allocations()?);
        match bounds.get(name) {
            Some(bound) if counted <= *bound => {}
            Some(bound) => faults.push(format!("{name}: {counted}, at most {bound} are allowed")),
            None => faults.push(format!("{name}: {counted}, and there is no bound")),
        }
    }
    assert!(
        faults.is_empty(),
        "heap allocations:\n{}\nLook for the needless copy. If it is not needless, `make counts UPDATE=1` \
         writes {PATH} anew, and the commit says why.",
        faults.join("\n")
    );
    Ok(())
}
