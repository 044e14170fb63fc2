/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;

/** How well the newest release does on rows that it was not trained on. */
public final class EvalReport {

    private EvalReport() {}

    /**
     * Of the newest release, and, if it is asked for, of a model retrained without the forgotten; nothing is changed.
     *
     * @param holdout the rows, with the columns of the table that was trained on
     */
    public static Report of(ForgetfulFolder folder, Path holdout, boolean retrained, Progress progress) {
        int release = folder.latestRelease();
        folder.requireFinished();
        HoldoutTable table = HoldoutTable.read(folder, holdout);
        Facts facts = new Facts(
                release, table.released(), retrained ? Optional.of(table.retrained(progress)) : Optional.empty());
        List<String> lines = new ArrayList<>();
        lines.add("of " + facts.released().rows() + " rows held out:");
        lines.add("  release " + release + "  " + facts.released());
        facts.retrained().ifPresent(score -> lines.add("  retrained  " + score));
        return new Report(facts, String.join(System.lineSeparator(), lines));
    }

    /** For JSON. */
    private record Facts(int release, HoldoutTable.Score released, Optional<HoldoutTable.Score> retrained) {}
}
