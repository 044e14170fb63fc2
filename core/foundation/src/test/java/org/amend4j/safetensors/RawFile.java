/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.safetensors;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files put together byte by byte, right or wrong. */
final class RawFile {
    private RawFile() {}

    static Path of(Path directory, String header, int bufferLength) throws IOException {
        return of(directory, header.getBytes(StandardCharsets.UTF_8), new byte[bufferLength]);
    }

    static Path of(Path directory, byte[] header, byte[] buffer) throws IOException {
        return of(directory, header.length, header, buffer);
    }

    static Path of(Path directory, long claimedLength, byte[] header, byte[] buffer) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(claimedLength)
                .array());
        file.write(header);
        file.write(buffer);
        return Files.write(directory.resolve("raw.safetensors"), file.toByteArray());
    }
}
