/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.portable;

import java.security.MessageDigest;
import org.amend4j.internal.digest.Sha256;

/** A file's name and SHA-256, as a line that {@code sha256sum -c} reads. */
record Sum(String file, String hex) {

    /** Of what was put into the digest, which starts anew. */
    Sum(String file, MessageDigest digest) {
        this(file, Sha256.hex(digest));
    }

    String line() {
        return hex + "  " + file + "\n";
    }
}
