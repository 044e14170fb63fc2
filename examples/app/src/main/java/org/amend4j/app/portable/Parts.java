/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.portable;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.internal.file.AtomicFile;

/** Bytes that go into one file after the other, none larger than allowed. A part appears when it is whole. */
final class Parts extends OutputStream {

    private final Path folder;
    private final String name;
    private final long largest;
    private final List<Sum> sums = new ArrayList<>();
    private final MessageDigest digest = Sha256.start();
    private Optional<AtomicFile> current = Optional.empty();
    private long written;

    /**
     * Nothing yet.
     *
     * @param name of the whole; the parts are {@code name.part-001} and so on
     * @param largest bytes of a part, at least 1
     */
    Parts(Path folder, String name, long largest) {
        this.folder = folder;
        this.name = name;
        this.largest = largest;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int done = 0; done < length; ) {
            if (written == largest) {
                endPart();
            }
            if (current.isEmpty()) {
                current = Optional.of(AtomicFile.create(folder.resolve(partName())));
            }
            int count = (int) Math.min(length - done, largest - written);
            current.get().stream().write(bytes, offset + done, count);
            digest.update(bytes, offset + done, count);
            written += count;
            done += count;
        }
    }

    private String partName() {
        return String.format(Locale.ROOT, "%s.part-%03d", name, sums.size() + 1);
    }

    private void endPart() throws IOException {
        if (current.isPresent()) {
            current.get().commit();
            sums.add(new Sum(partName(), digest));
            current = Optional.empty();
            written = 0;
        }
    }

    /** Ends the last part and returns the names and sums of all. */
    List<Sum> finish() throws IOException {
        endPart();
        return List.copyOf(sums);
    }

    /** Without {@link #finish} before, the part that was being written does not appear. */
    @Override
    public void close() throws IOException {
        if (current.isPresent()) {
            current.get().close();
            current = Optional.empty();
        }
    }
}
