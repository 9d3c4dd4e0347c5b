//! The rules of RFC 6455, each in the file of its section; the table of them is in `tests/README.md`.

mod common;

mod rfc6455 {
    mod s10_2_admission;
    mod s10_4_costs;
    mod s10_4_fields;
    mod s10_4_heads;
    mod s10_4_limits;
    mod s10_5_credentials;
    mod s3_urls;
    mod s4_1_requests;
    mod s4_2_agreements;
    mod s5_1_masking;
    mod s5_2_first_bytes;
    mod s5_2_lengths;
    mod s5_3_keys;
    mod s5_4_fragments;
    mod s5_5_1_close;
    mod s5_5_2_ping;
    mod s5_5_control;
    mod s5_6_messages;
    mod s5_7_examples;
    mod s6_1_sending;
    mod s7_1_7_failing;
    mod s7_1_closing;
    mod s7_1_ended;
    mod s7_4_codes;
    mod s8_1_utf8;
}
