/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The tables beside this package's tests. */
final class References {

    private References() {}

    /** Rows without the header, split at commas. */
    static List<String[]> rows(String name) {
        try (InputStream in = References.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .skip(1)
                    .map(line -> line.split(",", -1))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
