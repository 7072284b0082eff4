//! Newtypes and DER: serials, CRL numbers, names, keys, parsed CSRs, time.
