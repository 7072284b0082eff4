//! DER and nothing but DER: a walk over every element that is not hidden in an OCTET STRING.
//!
//! Decoders built for types forgive here and there (a SET OF in any order, a default that is
//! written out, whatever stands in an ANY); two readers of the same octets could then disagree.

mod primitive;

/// Deeper than any certificate or request; keeps a stranger from using up the stack.
const MAX_DEPTH: usize = 24;

const CONSTRUCTED: u8 = 0x20;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

/// Why octets are not one DER element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Something in them breaks X.690.
    NotDer,
    /// They begin with an element, and others follow.
    Trailing,
}

/// One element.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'a> {
    /// The identifier octet; tag numbers over 30 do not occur.
    pub(crate) tag: u8,
    /// The contents octets.
    pub(crate) contents: &'a [u8],
    /// Identifier, length and contents.
    pub(crate) whole: &'a [u8],
}

/// Checks that the octets are exactly one element in DER, and gives it.
pub(crate) fn check(der: &[u8]) -> Result<Element<'_>, Fault> {
    let (element, rest) = split(der).ok_or(Fault::NotDer)?;
    check_element(&element, 0).ok_or(Fault::NotDer)?;
    if rest.is_empty() {
        Ok(element)
    } else {
        Err(Fault::Trailing)
    }
}

impl<'a> Element<'a> {
    /// The elements inside, if this is constructed and holds whole elements.
    pub(crate) fn children(&self) -> Option<Vec<Element<'a>>> {
        if self.tag & CONSTRUCTED == 0 {
            return None;
        }
        let mut children = Vec::new();
        let mut rest = self.contents;
        while !rest.is_empty() {
            let (child, tail) = split(rest)?;
            children.push(child);
            rest = tail;
        }
        Some(children)
    }
}

/// Takes the first element off. The length must be definite and as short as can be
/// (X.690 §10.1).
fn split(der: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&tag, after_tag) = der.split_first()?;
    if tag & 0x1F == 0x1F {
        return None;
    }
    let (&first, after_first) = after_tag.split_first()?;
    let (length, after_length) = match first {
        0..=0x7F => (usize::from(first), after_first),
        0x81..=0x84 => long_length(usize::from(first & 0x7F), after_first)?,
        _ => return None,
    };
    let (contents, rest) = after_length.split_at_checked(length)?;
    let whole = der.get(..der.len() - rest.len())?;
    Some((
        Element {
            tag,
            contents,
            whole,
        },
        rest,
    ))
}

fn long_length(octets: usize, der: &[u8]) -> Option<(usize, &[u8])> {
    let (digits, rest) = der.split_at_checked(octets)?;
    let length = digits.iter().try_fold(0_usize, |length, digit| {
        length.checked_mul(256)?.checked_add(usize::from(*digit))
    })?;
    let shortest = digits.first() != Some(&0) && length > 0x7F;
    shortest.then_some((length, rest))
}

fn check_element(element: &Element<'_>, depth: usize) -> Option<()> {
    if depth > MAX_DEPTH {
        return None;
    }
    if element.tag & CONSTRUCTED == 0 {
        return primitive::is_der(element.tag, element.contents).then_some(());
    }
    // Of the universal types only SEQUENCE and SET are constructed (X.690 §10.2).
    if element.tag < 0x40 && element.tag != SEQUENCE && element.tag != SET {
        return None;
    }
    let children = element.children()?;
    if element.tag == SET && !is_ascending(&children) {
        return None;
    }
    children
        .iter()
        .try_for_each(|child| check_element(child, depth + 1))
}

/// The order of a SET OF (X.690 §11.6); in a SET, distinct tags give the same order.
pub(crate) fn is_ascending(elements: &[Element<'_>]) -> bool {
    elements.is_sorted_by(|left, right| left.whole <= right.whole)
}

#[cfg(test)]
mod tests;
