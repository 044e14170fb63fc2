/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.portable;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amend4j.data.BadInputException;

/**
 * The most bytes of a part.
 *
 * @param bytes at least 100,000, at most 2,000,000,000
 */
public record PartSize(long bytes) {

    /** Below what many a transfer takes at a time. */
    public static final PartSize DEFAULT = new PartSize(50_000_000);

    private static final long LEAST = 100_000;
    private static final long MOST = 2_000_000_000;
    private static final Pattern WRITTEN = Pattern.compile("(\\d{1,10})([kmg]?)", Pattern.CASE_INSENSITIVE);

    public PartSize {
        if (bytes < LEAST || bytes > MOST) {
            throw new BadInputException("--part-size must be in [100k, 2g], got " + bytes + " bytes");
        }
    }

    /**
     * Reads what is written like 28m: k, m and g are 10^3, 10^6 and 10^9 bytes, so that a part of 64m also fits 64 MiB.
     *
     * @throws BadInputException if it is no such number
     */
    public static PartSize of(String text) {
        Matcher matcher = WRITTEN.matcher(text);
        if (!matcher.matches()) {
            throw new BadInputException(
                    "--part-size must be a number of bytes, or one with k, m or g as in 28m, got '" + text + "'");
        }
        long unit = switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
            case "k" -> 1_000;
            case "m" -> 1_000_000;
            case "g" -> 1_000_000_000;
            default -> 1;
        };
        return new PartSize(Long.parseLong(matcher.group(1)) * unit);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }
}
