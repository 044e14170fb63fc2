/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.util.List;
import org.amend4j.rollout.FragmentRows.Position;
import org.amend4j.rollout.FragmentRows.Settings;
import org.jspecify.annotations.Nullable;

/** A batch of rows and where it stands: with environments in this process, or as numbers while it is played elsewhere. */
final class FragmentGroup implements AutoCloseable {

    private final Settings settings;
    private List<Position> position = List.of();
    private @Nullable FragmentRows rows;

    FragmentGroup(Settings settings) {
        this.settings = settings;
    }

    Settings settings() {
        return settings;
    }

    /** Its environments, opened if they are not. */
    FragmentRows here(Task task) {
        FragmentRows open = rows;
        if (open == null) {
            open = new FragmentRows(task.environments().apply(settings.rows()), settings);
            rows = open;
            try {
                position.stream().findFirst().ifPresentOrElse(open::restore, open::begin);
            } catch (RuntimeException e) {
                close();
                throw e;
            }
        }
        return open;
    }

    /** Where it stands; none if it has not begun. */
    List<Position> position() {
        return rows == null ? position : List.of(rows.position());
    }

    /** Goes elsewhere. */
    void restore(Position other) {
        if (rows != null) {
            rows.restore(other);
        }
        position = List.of(other);
    }

    /** Takes note of where it stands after having been played. */
    void follow(FragmentBatch.Result result) {
        if (!result.after().isEmpty()) {
            close();
            position = result.after();
        }
    }

    @Override
    public void close() {
        if (rows != null) {
            rows.close();
            rows = null;
        }
    }
}
