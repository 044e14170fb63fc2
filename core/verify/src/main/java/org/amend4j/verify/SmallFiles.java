/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files read whole, if they are not too large for that. */
final class SmallFiles {

    private SmallFiles() {}

    static byte[] read(Path file, int most) throws RejectedException {
        if (!Files.isRegularFile(file)) {
            throw new RejectedException(file + " is not a file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            if (Files.size(file) > most) {
                throw new RejectedException(file + " is larger than " + most + " bytes");
            }
            return in.readNBytes(most);
        } catch (IOException e) {
            throw new RejectedException(file + " cannot be read: " + e.getMessage());
        }
    }
}
