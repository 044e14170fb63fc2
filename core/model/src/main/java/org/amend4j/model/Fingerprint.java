/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.model;

import java.util.regex.Pattern;

/**
 * SHA-256 of a base model or one of its layers: configuration and parameters.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record Fingerprint(String hex) {

    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

    public Fingerprint {
        if (!HEX.matcher(hex).matches()) {
            throw new IllegalArgumentException(
                    "a fingerprint must be 64 lower-case hexadecimal digits, got '" + hex + "'");
        }
    }

    @Override
    public String toString() {
        return "sha256:" + hex;
    }
}
