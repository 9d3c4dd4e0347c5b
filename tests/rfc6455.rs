//! The rules of RFC 6455, each in the file of its section; `README.md` beside this has a table of them.

mod common;

mod rfc6455 {
    mod hostile;
    mod s10_2_admission;
    mod s10_4_fields;
    mod s10_4_heads;
    mod s10_4_limits;
    mod s10_5_credentials;
    mod s3_urls;
    mod s4_1_requests;
    mod s4_2_agreements;
    mod s5_2_first_bytes;
    mod s5_2_framing;
    mod s5_2_lengths;
    mod s5_4_messages;
    mod s5_5_control;
    mod s6_1_sending;
    mod s7_1_7_failing;
    mod s7_1_closing;
    mod s7_1_ended;
}
