#![cfg_attr(fuzzing, no_main)]
patchcord_fuzz::target!(compressed);
