/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What becomes of the matches at which a text is split. */
enum SplitBehavior {
    REMOVED("Removed"),
    ISOLATED("Isolated"),
    MERGED_WITH_PREVIOUS("MergedWithPrevious"),
    MERGED_WITH_NEXT("MergedWithNext"),
    CONTIGUOUS("Contiguous");

    private final String written;

    SplitBehavior(String written) {
        this.written = written;
    }

    /** As in files. */
    String written() {
        return written;
    }

    /** The parts that are not empty, in order. */
    List<AlignedText> split(AlignedText text, Matches matches) {
        List<AlignedText> parts = new ArrayList<>();
        for (Span span : parted(matches.spans(text))) {
            if (span.begin() < span.end()) {
                parts.add(text.part(span.begin(), span.end()));
            }
        }
        return parts;
    }

    private List<Span> parted(List<Span> spans) {
        return switch (this) {
            case ISOLATED -> spans;
            case REMOVED -> spans.stream().filter(span -> !span.matched()).toList();
            case CONTIGUOUS -> merged(spans, Merge.SAME);
            case MERGED_WITH_PREVIOUS -> merged(spans, Merge.MATCH_BEHIND_OTHER);
            case MERGED_WITH_NEXT -> {
                List<Span> backwards = new ArrayList<>(spans);
                Collections.reverse(backwards);
                List<Span> merged = merged(backwards, Merge.MATCH_BEHIND_OTHER);
                Collections.reverse(merged);
                yield merged;
            }
        };
    }

    private enum Merge {
        SAME,
        MATCH_BEHIND_OTHER
    }

    private static List<Span> merged(List<Span> spans, Merge rule) {
        List<Span> merged = new ArrayList<>();
        boolean previous = false;
        for (Span span : spans) {
            boolean joins = rule == Merge.SAME ? span.matched() == previous : span.matched() && !previous;
            if (joins && !merged.isEmpty()) {
                Span last = merged.remove(merged.size() - 1);
                merged.add(new Span(Math.min(last.begin(), span.begin()), Math.max(last.end(), span.end()), false));
            } else {
                merged.add(span);
            }
            previous = span.matched();
        }
        return merged;
    }
}
