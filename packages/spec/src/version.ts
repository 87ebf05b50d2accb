/** Version of the protocol text that this package carries (semver). */
export const SPEC_VERSION = "1.0.0";

/** Major version on the wire: the value of the header `sluice-spec`. */
export const WIRE_VERSION = "1";
