//! What is signed and in which order: certificates, CRLs, CSRs.
