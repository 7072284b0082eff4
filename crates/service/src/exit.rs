//! Exit codes, so that an operator's scripts can tell causes apart.

use std::process::ExitCode;

/// Why a process ends; the numbers are those of `sysexits.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All went well.
    Ok,
    /// 64: the configuration or the command line is wrong.
    BadConfig,
    /// 65: what was looked at is not right.
    NotRight,
    /// 69: something that the process needs is not there, such as the token or the database.
    Unavailable,
    /// 70: a fault of our own, or an invariant that does not hold.
    Internal,
    /// 73: something that was to be made exists or cannot be made.
    CannotCreate,
    /// 77: refused: wrong user, wrong file mode, wrong PIN.
    NotPermitted,
    /// 78: state that an explicit command must make first, such as an unmigrated database.
    NotSetUp,
}

impl Exit {
    /// The number that the operating system sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::BadConfig => 64,
            Self::NotRight => 65,
            Self::Unavailable => 69,
            Self::Internal => 70,
            Self::CannotCreate => 73,
            Self::NotPermitted => 77,
            Self::NotSetUp => 78,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
