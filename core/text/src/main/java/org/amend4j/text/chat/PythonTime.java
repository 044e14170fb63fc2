/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Python's {@code strftime} in English. */
final class PythonTime {

    private static final Map<String, String> PATTERNS = Map.ofEntries(
            Map.entry("Y", "uuuu"),
            Map.entry("y", "uu"),
            Map.entry("m", "MM"),
            Map.entry("-m", "M"),
            Map.entry("d", "dd"),
            Map.entry("-d", "d"),
            Map.entry("e", "ppd"),
            Map.entry("B", "MMMM"),
            Map.entry("b", "MMM"),
            Map.entry("A", "EEEE"),
            Map.entry("a", "EEE"),
            Map.entry("H", "HH"),
            Map.entry("-H", "H"),
            Map.entry("I", "hh"),
            Map.entry("-I", "h"),
            Map.entry("M", "mm"),
            Map.entry("-M", "m"),
            Map.entry("S", "ss"),
            Map.entry("p", "a"),
            Map.entry("j", "DDD"),
            Map.entry("F", "uuuu-MM-dd"),
            Map.entry("T", "HH:mm:ss"),
            Map.entry("%", "'%'"));

    private PythonTime() {}

    static String of(ZonedDateTime now, String format) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            if (format.charAt(i) != '%') {
                text.append(format.charAt(i));
                continue;
            }
            int begin = i + 1;
            i += format.startsWith("-", begin) ? 2 : 1;
            String code = format.substring(Math.min(begin, format.length()), Math.min(i + 1, format.length()));
            String pattern = Optional.ofNullable(PATTERNS.get(code))
                    .orElseThrow(
                            () -> new ChatTemplateException("strftime_now's '%" + code + "' is not understood here"));
            text.append(now.format(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH)));
        }
        return text.toString();
    }
}
