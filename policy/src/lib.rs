//! The CPS as a policy file: parsed, evaluated, linted, rendered.
