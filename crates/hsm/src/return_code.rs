//! What may be done about each PKCS#11 return code: one exhaustive table.
//!
//! Whatever the class, the session on which an error appeared is dropped: there is no portable way
//! to end an operation that a failed call left open.

use cryptoki::error::RvError;

/// What a return code asks for, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorClass {
    /// The call may be repeated on a new session.
    Retry,
    /// The login is gone: log in again, then repeat.
    LogInAgain,
    /// Sessions and handles are stale: find the token again, open, look the key up, then repeat.
    Reopen,
    /// The module has lost its state: finalize, initialise, then as [`Self::Reopen`].
    Reinitialise,
    /// Repeating cannot help.
    Permanent,
}

/// Classes a return code (PKCS#11 3.1 section 5.1).
#[expect(
    clippy::match_same_arms,
    clippy::too_many_lines,
    reason = "one table of all codes, grouped by why they have their class"
)]
pub const fn classify(code: RvError) -> ErrorClass {
    match code {
        // An earlier operation stayed open, or this one was cut short: a fresh session is clean.
        RvError::OperationActive
        | RvError::OperationNotInitialized
        | RvError::FunctionCanceled
        | RvError::Cancel
        | RvError::HostMemory
        | RvError::DeviceMemory
        | RvError::CantLock
        | RvError::SessionCount
        | RvError::SavedStateInvalid => ErrorClass::Retry,

        RvError::UserNotLoggedIn => ErrorClass::LogInAgain,

        // SoftHSM reports a token directory that vanished as ObjectHandleInvalid or GeneralError;
        // network HSMs report a lost connection as one of the device codes.
        RvError::SessionClosed
        | RvError::SessionHandleInvalid
        | RvError::ObjectHandleInvalid
        | RvError::KeyHandleInvalid
        | RvError::SlotIdInvalid
        | RvError::TokenNotPresent
        | RvError::TokenNotRecognized
        | RvError::DeviceRemoved
        | RvError::DeviceError
        | RvError::GeneralError
        | RvError::FunctionFailed => ErrorClass::Reopen,

        // Somebody finalized the module, or its locks are in disorder.
        RvError::CryptokiNotInitialized | RvError::MutexBad | RvError::MutexNotLocked => {
            ErrorClass::Reinitialise
        }

        // A PIN that was refused is never tried again: the next try may lock the token.
        RvError::PinIncorrect
        | RvError::PinInvalid
        | RvError::PinLenRange
        | RvError::PinExpired
        | RvError::PinLocked
        | RvError::PinTooWeak
        | RvError::NewPinMode
        | RvError::NextOtp
        | RvError::UserPinNotInitialized
        | RvError::UserTypeInvalid
        | RvError::UserAlreadyLoggedIn
        | RvError::UserAnotherAlreadyLoggedIn
        | RvError::UserTooManyTypes => ErrorClass::Permanent,

        // The request itself is one that this token will not carry out.
        RvError::ArgumentsBad
        | RvError::AttributeReadOnly
        | RvError::AttributeSensitive
        | RvError::AttributeTypeInvalid
        | RvError::AttributeValueInvalid
        | RvError::ActionProhibited
        | RvError::BufferTooSmall
        | RvError::CurveNotSupported
        | RvError::DataInvalid
        | RvError::DataLenRange
        | RvError::DomainParamsInvalid
        | RvError::EncryptedDataInvalid
        | RvError::EncryptedDataLenRange
        | RvError::ExceededMaxIterations
        | RvError::FunctionNotParallel
        | RvError::FunctionNotSupported
        | RvError::FunctionRejected
        | RvError::InformationSensitive
        | RvError::KeyChanged
        | RvError::KeyFunctionNotPermitted
        | RvError::KeyIndigestible
        | RvError::KeyNeeded
        | RvError::KeyNotNeeded
        | RvError::KeyNotWrappable
        | RvError::KeySizeRange
        | RvError::KeyTypeInconsistent
        | RvError::KeyUnextractable
        | RvError::MechanismInvalid
        | RvError::MechanismParamInvalid
        | RvError::PublicKeyInvalid
        | RvError::RandomNoRng
        | RvError::RandomSeedNotSupported
        | RvError::SessionExists
        | RvError::SessionParallelNotSupported
        | RvError::SessionReadOnly
        | RvError::SessionReadOnlyExists
        | RvError::SessionReadWriteSoExists
        | RvError::SignatureInvalid
        | RvError::SignatureLenRange
        | RvError::StateUnsaveable
        | RvError::TemplateIncomplete
        | RvError::TemplateInconsistent
        | RvError::TokenWriteProtected
        | RvError::UnwrappingKeyHandleInvalid
        | RvError::UnwrappingKeySizeRange
        | RvError::UnwrappingKeyTypeInconsistent
        | RvError::WrappedKeyInvalid
        | RvError::WrappedKeyLenRange
        | RvError::WrappingKeyHandleInvalid
        | RvError::WrappingKeySizeRange
        | RvError::WrappingKeyTypeInconsistent => ErrorClass::Permanent,

        // The module or the device itself says that it cannot go on.
        RvError::FipsSelfTestFailed
        | RvError::LibraryLoadFailed
        | RvError::NeedToCreateThreads
        | RvError::CryptokiAlreadyInitialized
        | RvError::NoEvent => ErrorClass::Permanent,

        // Vendors use these for lost connections and for firmware faults alike; one reopening
        // tells which.
        RvError::VendorDefined(_) | RvError::UnknownErrorCode(_) => ErrorClass::Reopen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_pin_is_permanent_and_a_lost_session_is_not() {
        for (code, class) in [
            (RvError::PinIncorrect, ErrorClass::Permanent),
            (RvError::PinLocked, ErrorClass::Permanent),
            (RvError::OperationActive, ErrorClass::Retry),
            (RvError::UserNotLoggedIn, ErrorClass::LogInAgain),
            (RvError::ObjectHandleInvalid, ErrorClass::Reopen),
            (RvError::VendorDefined(0x8000_0001), ErrorClass::Reopen),
            (RvError::CryptokiNotInitialized, ErrorClass::Reinitialise),
            (RvError::MechanismInvalid, ErrorClass::Permanent),
        ] {
            assert_eq!(classify(code), class, "{code:?}");
        }
    }
}
