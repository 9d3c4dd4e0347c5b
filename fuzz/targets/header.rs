#![cfg_attr(all(fuzzing, not(afl)), no_main)]
patchcord_fuzz::target!(header);
