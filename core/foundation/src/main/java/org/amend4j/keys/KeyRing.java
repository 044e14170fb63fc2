/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.keys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.amend4j.internal.file.AtomicFile;

/**
 * A small file of data keys, so that what they encrypt can be destroyed by destroying its key. Each is an AES-256 key from
 * the system's secure source, wrapped by a key-encryption key that is kept elsewhere ({@link KeyFile}). Every change writes
 * the whole file anew and returns when it is on disk. The file is authenticated as a whole, and each key together with its
 * id, its label and what the ring is for.
 *
 * <p><b>What destroying a key does not do.</b> The new file does not hold the key, but the blocks of the old file only go back to the file
 * system. On SSDs, copy-on-write file systems, snapshots and backups they can survive, and an old copy of the file is a valid ring.
 * Together with the key-encryption key they give the destroyed key back; without it they give nothing. So keep that key away from them, and
 * replace it where old copies must be worthless for certain. Keys that were in use may also survive in the memory of the process until it
 * ends, because Java keeps copies that no code can overwrite, and in swap space and dumps.
 *
 * <p>Not thread-safe. The file belongs to one ring at a time: its owner holds a lock.
 */
public final class KeyRing {
    /** Length of a data key. */
    public static final int KEY_BYTES = 32;

    private static final int ID_BYTES = 16;
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9._:-]{1,200}");
    private static final Pattern PURPOSE = Pattern.compile("[ -~]{1,500}");

    private final Path file;
    private final String purpose;
    private final KeyWrap kek;
    private final SecureRandom random;
    private final Map<String, WrappedKey> keys;

    private KeyRing(Path file, String purpose, KeyWrap kek, SecureRandom random, Map<String, WrappedKey> keys) {
        this.file = file;
        this.purpose = purpose;
        this.kek = kek;
        this.random = random;
        this.keys = keys;
    }

    /**
     * Opens a ring, or makes an empty one where no file is.
     *
     * @param file in an existing directory
     * @param purpose what the keys are for, 1 to 500 printable ASCII characters; a ring for something else is refused
     * @param kek the key-encryption key, 32 bytes; copied
     * @throws IOException if the ring is of another key or purpose, damaged, or changed without the key
     */
    public static KeyRing openOrCreate(Path file, String purpose, byte[] kek) throws IOException {
        if (!PURPOSE.matcher(purpose).matches()) {
            throw new IllegalArgumentException(
                    "the purpose of a key ring must have 1 to 500 printable ASCII characters, got '"
                            + printable(purpose) + "'");
        }
        SecureRandom random = new SecureRandom();
        KeyWrap wrap = new KeyWrap(kek, random);
        boolean exists = Files.exists(file);
        Map<String, WrappedKey> keys =
                exists ? new KeyRingText(purpose, wrap).read(file) : new LinkedHashMap<String, WrappedKey>();
        KeyRing ring = new KeyRing(file, purpose, wrap, random, keys);
        // What a killed writer left behind holds keys that may be destroyed later.
        AtomicFile.removeLeftovers(file);
        if (!exists) {
            ring.write(keys);
        }
        return ring;
    }

    /** Ids of the keys, oldest first; a snapshot. */
    public Set<String> ids() {
        return Collections.unmodifiableSet(new LinkedHashSet<>(keys.keySet()));
    }

    /** Whether there is a key of this id. */
    public boolean contains(String keyId) {
        return keys.containsKey(keyId);
    }

    /**
     * What a key is for.
     *
     * @throws IOException if there is no such key
     */
    public String label(String keyId) throws IOException {
        return find(keyId).label();
    }

    /**
     * Makes a key; it is on disk when this returns.
     *
     * @param label what it is for, up to 200 letters, digits and {@code . _ : -}; not secret, and need not be unique
     * @return its id, 32 hexadecimal digits that tell nothing about the key
     */
    public String create(String label) throws IOException {
        if (!LABEL.matcher(label).matches()) {
            throw new IllegalArgumentException(
                    "the label of a key must have 1 to 200 letters, digits and . _ : -, got '" + printable(label)
                            + "'");
        }
        byte[] id = new byte[ID_BYTES];
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(id);
        random.nextBytes(key);
        String keyId = HexFormat.of().formatHex(id);
        byte[] wrapped = kek.wrap(key, associated(keyId, label));
        Arrays.fill(key, (byte) 0);
        Map<String, WrappedKey> more = new LinkedHashMap<>(keys);
        more.put(keyId, new WrappedKey(label, HexFormat.of().formatHex(wrapped)));
        write(more);
        keys.putAll(more);
        return keyId;
    }

    /**
     * A key.
     *
     * @return 32 bytes, the caller's own, who overwrites them after use
     * @throws IOException if there is none of this id
     */
    public byte[] get(String keyId) throws IOException {
        WrappedKey key = find(keyId);
        try {
            return kek.unwrap(HexFormat.of().parseHex(key.wrapped()), associated(keyId, key.label()));
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " is damaged: key " + keyId + " does not authenticate", e);
        }
    }

    /**
     * Destroys keys. When this returns, the file on disk does not hold them any more; the class comment says what that
     * leaves. Ids without a key are ignored. If it fails, nothing is said about the file, and calling again
     * is right.
     */
    public void destroy(Collection<String> keyIds) throws IOException {
        Map<String, WrappedKey> fewer = new LinkedHashMap<>(keys);
        if (!fewer.keySet().removeAll(Set.copyOf(keyIds))) {
            return;
        }
        write(fewer);
        AtomicFile.removeLeftovers(file);
        keys.keySet().retainAll(fewer.keySet());
    }

    private WrappedKey find(String keyId) throws IOException {
        WrappedKey key = keys.get(keyId);
        if (key == null) {
            throw new IOException(file + " has no key " + keyId);
        }
        return key;
    }

    private static String printable(String text) {
        return text.replaceAll("[^ -~]", "?");
    }

    /** What a wrapped key is bound to. */
    private String associated(String keyId, String label) {
        return keyId + " " + label + " " + purpose;
    }

    private void write(Map<String, WrappedKey> content) throws IOException {
        byte[] bytes = new KeyRingText(purpose, kek).bytes(content);
        if (bytes.length > KeyRingText.MOST_BYTES) {
            throw new IOException(
                    file + " is full: " + content.size() + " keys need more than " + KeyRingText.MOST_BYTES + " bytes");
        }
        try (AtomicFile target = AtomicFile.createPrivate(file)) {
            target.stream().write(bytes);
            target.commit();
        }
    }
}
