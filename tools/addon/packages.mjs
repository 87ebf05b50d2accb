// What a source build needs, and what each system calls it.

/** Header to look for, and the tool name shown to a user when it is missing. */
export const headers = /** @type {const} */ ([
  ["curl/curl.h", "libcurl headers"],
  ["openssl/ssl.h", "OpenSSL headers"],
  ["sasl/sasl.h", "Cyrus SASL headers"],
  ["zlib.h", "zlib headers"],
  ["zstd.h", "zstd headers"],
  ["lz4.h", "lz4 headers"],
]);

export const debianPackages = [
  "libcurl4-openssl-dev",
  "libssl-dev",
  "libsasl2-dev",
  "zlib1g-dev",
  "libzstd-dev",
  "liblz4-dev",
  "make",
  "g++",
  "python3",
];

/** Commands for a person to run; `packageManager` narrows them to the one that fits. */
const commands = {
  apt: `apt-get install -y ${debianPackages.join(" ")}`,
  dnf: "dnf install -y libcurl-devel openssl-devel cyrus-sasl-devel zlib-devel libzstd-devel lz4-devel make gcc-c++ python3",
  apk: "apk add bash curl-dev openssl-dev cyrus-sasl-dev zlib-dev zstd-dev lz4-dev linux-headers make g++ python3",
  brew: "xcode-select --install; brew install curl openssl@3 cyrus-sasl zlib zstd lz4 python3",
};

/**
 * @param {keyof typeof commands | null} packageManager
 * @returns {string}
 */
export function installCommand(packageManager) {
  if (packageManager !== null) return `  ${commands[packageManager]}`;
  return Object.entries(commands)
    .map(([name, command]) => `  ${name}: ${command}`)
    .join("\n");
}
