//! Operations that are carried out at once, as if one after another.

use std::{collections::HashSet, hash::Hash};

/// An operation with its place among those that came together.
pub(super) type Placed<'a, T> = (usize, &'a T);

/// Puts operations into rounds: no two of a round claim the same thing, and where two claim it, the
/// earlier is in an earlier round.
pub(super) fn rounds<'a, T, C: Eq + Hash>(
    operations: &[&'a T],
    claims: impl Fn(&'a T) -> Vec<C>,
) -> Vec<Vec<Placed<'a, T>>> {
    let mut rounds: Vec<(HashSet<C>, Vec<Placed<'a, T>>)> = Vec::new();
    for (place, operation) in operations.iter().copied().enumerate() {
        let claims = claims(operation);
        let meets = |(taken, _): &(HashSet<C>, _)| claims.iter().any(|it| taken.contains(it));
        let round = rounds.iter().rposition(meets).map_or(0, |last| last + 1);
        if round == rounds.len() {
            rounds.push((HashSet::new(), Vec::new()));
        }
        if let Some((taken, operations)) = rounds.get_mut(round) {
            taken.extend(claims);
            operations.push((place, operation));
        }
    }
    rounds.into_iter().map(|(_, placed)| placed).collect()
}

/// Answers in the order of their operations.
pub(super) fn in_order<A>(mut answers: Vec<(usize, A)>) -> Vec<A> {
    answers.sort_by_key(|(place, _)| *place);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_claims_the_same_comes_in_a_later_round() {
        let claims = ["a", "b", "ab", "c", "a", "c"];
        let operations: Vec<_> = claims.iter().collect();
        let found = rounds(&operations, |claims| claims.chars().collect());
        let places =
            |round: &Vec<Placed<'_, &str>>| round.iter().map(|(place, _)| *place).collect();
        let found: Vec<Vec<usize>> = found.iter().map(places).collect();
        assert_eq!(found, [vec![0, 1, 3], vec![2, 5], vec![4]]);
        assert!(rounds(&[], |(): &()| vec![()]).is_empty());
    }

    #[test]
    fn answers_come_in_the_order_of_operations() {
        assert_eq!(
            in_order(vec![(1, 'b'), (2, 'c'), (0, 'a')]),
            ['a', 'b', 'c']
        );
    }
}
