//! Operations that are carried out at once, as if one after another.

use std::{collections::HashSet, hash::Hash};

/// Puts operations, by their places, into rounds: no two of a round claim the same thing, and where
/// two claim it, the earlier is in an earlier round.
pub(super) fn rounds<'a, T, C: Eq + Hash>(
    operations: &'a [T],
    claims: impl Fn(&'a T) -> Vec<C>,
) -> Vec<Vec<usize>> {
    let mut rounds: Vec<(HashSet<C>, Vec<usize>)> = Vec::new();
    for (place, operation) in operations.iter().enumerate() {
        let claims = claims(operation);
        let meets = |(taken, _): &(HashSet<C>, _)| claims.iter().any(|it| taken.contains(it));
        let round = rounds.iter().rposition(meets).map_or(0, |last| last + 1);
        if round == rounds.len() {
            rounds.push((HashSet::new(), Vec::new()));
        }
        if let Some((taken, places)) = rounds.get_mut(round) {
            taken.extend(claims);
            places.push(place);
        }
    }
    rounds.into_iter().map(|(_, places)| places).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_claims_the_same_comes_in_a_later_round() {
        let claims = ["a", "b", "ab", "c", "a", "c"];
        let found = rounds(&claims, |claims| claims.chars().collect());
        assert_eq!(found, [vec![0, 1, 3], vec![2, 5], vec![4]]);
        assert!(rounds(&[], |(): &()| vec![()]).is_empty());
    }
}
