//! The tests of the packages beside this one, each by a cargo of its own.

mod packages {
    mod adapters;
    mod corpus;
}
