//! Why the token did not do what was asked.

use std::path::PathBuf;
use std::sync::Arc;

use cryptoki::context::Function;
use cryptoki::error::Error;

use crate::{CkaId, ErrorClass, TokenSelector, classify};

/// A failure of the token, of its module, or of what stands on it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum HsmError {
    /// The module could not be loaded or initialised.
    #[error("PKCS#11 module {path} cannot be loaded")]
    Module {
        /// The module's path.
        path: PathBuf,
        /// What the loader or the module said.
        #[source]
        source: Arc<Error>,
    },
    /// The PIN file cannot be used.
    #[error("PIN file {path} {fault}")]
    PinFile {
        /// The file's path.
        path: PathBuf,
        /// What is wrong with it.
        fault: PinFault,
    },
    /// No token answers to the label or serial number.
    #[error("there is no {token}")]
    TokenMissing {
        /// What was looked for.
        token: TokenSelector,
    },
    /// Several tokens answer to the label; a serial number would tell them apart.
    #[error("there is more than one {token}")]
    TokenAmbiguous {
        /// What was looked for.
        token: TokenSelector,
    },
    /// A token with that label exists already.
    #[error("a token with label {label:?} exists already")]
    TokenExists {
        /// The label.
        label: String,
    },
    /// No slot holds an uninitialised token.
    #[error("there is no uninitialised token")]
    NoFreeToken,
    /// A token label is 1 to 32 octets long.
    #[error("a token label has 1 to 32 octets")]
    LabelLength,
    /// The PIN was refused, now or earlier in this process; it is not tried again.
    #[error("the token refused the PIN; it is not tried again before a restart")]
    PinRefused,
    /// The token has locked the user PIN.
    #[error("the token has locked the user PIN")]
    PinLocked,
    /// One more wrong PIN would lock the token; a person has to log in first.
    #[error("one PIN try is left; log in by hand before the daemon may")]
    PinFinalTry,
    /// No private key has that identifier.
    #[error("there is no private key with CKA_ID {id}")]
    KeyMissing {
        /// The identifier.
        id: CkaId,
    },
    /// Several private keys have that identifier.
    #[error("there is more than one private key with CKA_ID {id}")]
    KeyAmbiguous {
        /// The identifier.
        id: CkaId,
    },
    /// A key with that identifier exists already.
    #[error("a key with CKA_ID {id} exists already")]
    KeyExists {
        /// The identifier.
        id: CkaId,
    },
    /// The private key could leave the token (`CKA_EXTRACTABLE`, or not `CKA_SENSITIVE`).
    #[error("the private key with CKA_ID {id} could leave the token")]
    KeyExposed {
        /// The identifier.
        id: CkaId,
    },
    /// The public key under that identifier does not verify the private key's signatures.
    #[error("public and private key with CKA_ID {id} do not belong together")]
    KeyMismatch {
        /// The identifier.
        id: CkaId,
    },
    /// The key is of a kind that is not supported, or its public half cannot be read.
    #[error("the key with CKA_ID {id} is unusable: {fault}")]
    KeyUnusable {
        /// The identifier.
        id: CkaId,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// The signature algorithm does not fit the key.
    #[error("{algorithm} does not fit a key of kind {key}")]
    AlgorithmMismatch {
        /// The algorithm asked for.
        algorithm: pki::SignatureAlgorithm,
        /// The key's kind.
        key: pki::KeyAlgorithm,
    },
    /// The token's signature has not the form that its mechanism gives.
    #[error("the token answered with a malformed signature")]
    MalformedSignature,
    /// As many calls are waiting as may.
    #[error("the queue to the token is full")]
    QueueFull,
    /// The call took too long.
    #[error("the token did not answer in time")]
    Deadline {
        /// Whether the token had begun; if so, it may still finish, and the result is discarded.
        started: bool,
    },
    /// The workers have stopped.
    #[error("the token's workers have stopped")]
    Stopped,
    /// A worker thread could not be started.
    #[error("a worker thread cannot be started")]
    Thread {
        /// What the system said.
        #[source]
        source: Arc<std::io::Error>,
    },
    /// A PKCS#11 function failed.
    #[error("{function} failed")]
    Call {
        /// The function.
        function: Function,
        /// What may be done about it.
        class: ErrorClass,
        /// The error with its return code.
        #[source]
        source: Arc<Error>,
    },
    /// The PKCS#11 binding refused an argument or an answer.
    #[error("the PKCS#11 binding refused an argument or an answer")]
    Binding {
        /// What it said.
        #[source]
        source: Arc<Error>,
    },
}

/// What is wrong with a PIN file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinFault {
    /// It cannot be opened or read.
    #[error("cannot be read ({0})")]
    Unreadable(std::io::ErrorKind),
    /// It is not a regular file.
    #[error("is not a regular file")]
    NotAFile,
    /// Others than its owner may read or change it.
    #[error("has mode {mode:04o}: nobody but its owner may have access")]
    Open {
        /// The permission bits.
        mode: u32,
    },
    /// It is empty, too long, or not a single line of UTF-8.
    #[error("must hold one line of 1 to 255 octets of UTF-8")]
    Malformed,
}

impl HsmError {
    /// A stable name for problem documents, metrics and audit.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Module { .. } => "hsm-module",
            Self::PinFile { .. } => "hsm-pin-file",
            Self::TokenMissing { .. } => "hsm-token-missing",
            Self::TokenAmbiguous { .. } => "hsm-token-ambiguous",
            Self::TokenExists { .. } => "hsm-token-exists",
            Self::NoFreeToken => "hsm-no-free-token",
            Self::LabelLength => "hsm-label-length",
            Self::PinRefused => "hsm-pin-refused",
            Self::PinLocked => "hsm-pin-locked",
            Self::PinFinalTry => "hsm-pin-final-try",
            Self::KeyMissing { .. } => "hsm-key-missing",
            Self::KeyAmbiguous { .. } => "hsm-key-ambiguous",
            Self::KeyExists { .. } => "hsm-key-exists",
            Self::KeyExposed { .. } => "hsm-key-exposed",
            Self::KeyMismatch { .. } => "hsm-key-mismatch",
            Self::KeyUnusable { .. } => "hsm-key-unusable",
            Self::AlgorithmMismatch { .. } => "hsm-algorithm-mismatch",
            Self::MalformedSignature => "hsm-malformed-signature",
            Self::QueueFull => "hsm-queue-full",
            Self::Deadline { .. } => "hsm-deadline",
            Self::Stopped => "hsm-stopped",
            Self::Thread { .. } => "hsm-thread",
            Self::Call { .. } => "hsm-call",
            Self::Binding { .. } => "hsm-binding",
        }
    }

    /// Whether trying again cannot help before a person has changed something. A daemon that
    /// meets such an error at start must not be restarted in a loop: each start may cost a PIN try.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::TokenMissing { .. }
            | Self::QueueFull
            | Self::Deadline { .. }
            | Self::Stopped
            | Self::Thread { .. } => false,
            Self::Call { class, .. } => *class == ErrorClass::Permanent,
            Self::Module { .. }
            | Self::PinFile { .. }
            | Self::TokenAmbiguous { .. }
            | Self::TokenExists { .. }
            | Self::NoFreeToken
            | Self::LabelLength
            | Self::PinRefused
            | Self::PinLocked
            | Self::PinFinalTry
            | Self::KeyMissing { .. }
            | Self::KeyAmbiguous { .. }
            | Self::KeyExists { .. }
            | Self::KeyExposed { .. }
            | Self::KeyMismatch { .. }
            | Self::KeyUnusable { .. }
            | Self::AlgorithmMismatch { .. }
            | Self::MalformedSignature
            | Self::Binding { .. } => true,
        }
    }

    /// What the pool may do about it.
    pub(crate) fn class(&self) -> ErrorClass {
        if let Self::Call { class, .. } = self {
            *class
        } else if matches!(self, Self::TokenMissing { .. }) {
            // A token that is gone may be back when the module looks again.
            ErrorClass::Reinitialise
        } else {
            ErrorClass::Permanent
        }
    }
}

impl From<Error> for HsmError {
    fn from(error: Error) -> Self {
        if let Error::Pkcs11(code, function) = error {
            Self::Call {
                function,
                class: classify(code),
                source: Arc::new(error),
            }
        } else {
            Self::Binding {
                source: Arc::new(error),
            }
        }
    }
}
