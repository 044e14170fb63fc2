/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.amend4j.model.BaseModel;
import org.jspecify.annotations.Nullable;

/** A base that executors open: from a path, or from bytes that came along. */
final class SentBase implements Serializable {

    private static final long serialVersionUID = 1;

    /** The bases of this process, by fingerprint; they stay open, since graphs look them up when they are built. */
    private static final Map<String, BaseModel> OPEN = new ConcurrentHashMap<>();

    private final String fingerprint;
    private final @Nullable String path;
    private final byte @Nullable [] bytes;

    private SentBase(String fingerprint, @Nullable String path, byte @Nullable [] bytes) {
        this.fingerprint = fingerprint;
        this.path = path;
        this.bytes = bytes;
    }

    static SentBase at(String fingerprint, Path file) {
        return new SentBase(fingerprint, file.toString(), null);
    }

    static SentBase of(String fingerprint, byte[] bytes) {
        return new SentBase(fingerprint, null, bytes);
    }

    /** Opens it, if nobody in this process did. Two tasks at once must not both read it. */
    BaseModel open() throws IOException {
        synchronized (OPEN) {
            BaseModel open = OPEN.get(fingerprint);
            if (open == null) {
                open = read();
                OPEN.put(fingerprint, open);
            }
            return open;
        }
    }

    private BaseModel read() throws IOException {
        if (path != null) {
            return checked(BaseModel.open(Path.of(path)), path);
        }
        Path file = Files.createTempFile("amend4j-base", ".zip");
        try {
            Files.write(file, Objects.requireNonNull(bytes));
            return checked(BaseModel.open(file), "the driver");
        } finally {
            Files.delete(file);
        }
    }

    private BaseModel checked(BaseModel base, String origin) {
        String found = base.fingerprint().hex();
        if (!found.equals(fingerprint)) {
            throw new IllegalArgumentException(
                    "executors must have the base sha256:" + fingerprint + ", got sha256:" + found + " from " + origin);
        }
        return base;
    }
}
