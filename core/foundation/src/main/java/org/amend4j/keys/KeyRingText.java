/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.keys;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amend4j.internal.file.RegularFile;

/**
 * The file of a {@link KeyRing}: ASCII, each line ended by a line feed, one space between words.
 *
 * <pre>
 * amend4j key ring 1
 * under FINGERPRINT            of the key-encryption key
 * for PURPOSE
 * key ID LABEL WRAPPED         any number of them, oldest first
 * mac CODE                     HMAC-SHA256 of all lines before
 * </pre>
 *
 * Nothing is believed before the code agrees, except which key the file says to be under.
 */
final class KeyRingText {
    private static final String FIRST = "amend4j key ring 1";
    private static final String UNDER = "under ";
    private static final String FOR = "for ";
    private static final String MAC = "mac ";
    private static final int LAST_LINE_BYTES = MAC.length() + 64 + 1;
    /** No ring is longer. */
    static final int MOST_BYTES = 1 << 26;

    private static final Pattern KEY = Pattern.compile(
            "key ([0-9a-f]{32}) ([A-Za-z0-9._:-]{1,200}) ([0-9a-f]{" + 2 * KeyWrap.WRAPPED_BYTES + "})");
    private static final int LINES_BEFORE_KEYS = 3;

    private final String purpose;
    private final KeyWrap kek;

    KeyRingText(String purpose, KeyWrap kek) {
        this.purpose = purpose;
        this.kek = kek;
    }

    /** The file's content. */
    byte[] bytes(Map<String, WrappedKey> keys) {
        StringBuilder text = new StringBuilder(FIRST).append('\n');
        text.append(UNDER).append(kek.fingerprint()).append('\n');
        text.append(FOR).append(purpose).append('\n');
        keys.forEach((id, key) -> text.append("key ")
                .append(id)
                .append(' ')
                .append(key.label())
                .append(' ')
                .append(key.wrapped())
                .append('\n'));
        String code = kek.mac(text.toString().getBytes(StandardCharsets.US_ASCII));
        return text.append(MAC).append(code).append('\n').toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** Keys by their ids, oldest first. */
    Map<String, WrappedKey> read(Path file) throws IOException {
        long size = Files.size(RegularFile.of(file));
        if (size > MOST_BYTES) {
            throw new IOException(file + " is not a key ring: it has " + size + " bytes, more than " + MOST_BYTES);
        }
        byte[] bytes = Files.readAllBytes(file);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        requireKey(text, file);
        requireCode(bytes, text, file);
        List<String> lines =
                text.substring(0, text.length() - LAST_LINE_BYTES).lines().toList();
        // From here on the lines are those that were written, by this release or another one.
        if (lines.size() < LINES_BEFORE_KEYS || !lines.get(2).startsWith(FOR)) {
            throw new IOException(file + " is not a key ring that this release reads: it does not say what it is for");
        }
        if (!lines.get(2).equals(FOR + purpose)) {
            throw new IOException(file + " holds the keys of '" + lines.get(2).substring(FOR.length()) + "', not of '"
                    + purpose + "'");
        }
        Map<String, WrappedKey> keys = new LinkedHashMap<>();
        for (String line : lines.subList(LINES_BEFORE_KEYS, lines.size())) {
            Matcher key = KEY.matcher(line);
            if (!key.matches() || keys.put(key.group(1), new WrappedKey(key.group(2), key.group(3))) != null) {
                throw new IOException(file + " has a line that this release cannot read: line "
                        + (LINES_BEFORE_KEYS + keys.size() + 1));
            }
        }
        return keys;
    }

    private void requireKey(String text, Path file) throws IOException {
        String start = FIRST + "\n" + UNDER;
        if (!text.startsWith(start)) {
            throw new IOException(file + " does not begin with '" + FIRST + "' and is damaged or no key ring");
        }
        if (!text.startsWith(kek.fingerprint() + "\n", start.length())) {
            throw new IOException(file + " belongs to another key, or its second line is damaged");
        }
    }

    private void requireCode(byte[] bytes, String text, Path file) throws IOException {
        int last = bytes.length - LAST_LINE_BYTES;
        if (last < 1 || !text.startsWith("\n" + MAC, last - 1) || !text.endsWith("\n")) {
            throw new IOException(file + " is damaged: it does not end with its code");
        }
        byte[] code = Arrays.copyOfRange(bytes, last + MAC.length(), bytes.length - 1);
        byte[] expected = kek.mac(Arrays.copyOf(bytes, last)).getBytes(StandardCharsets.US_ASCII);
        if (!MessageDigest.isEqual(expected, code)) {
            throw new IOException(file + " is damaged: its code does not agree");
        }
    }
}
