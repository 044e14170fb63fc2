/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.emulated;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.internal.backend.RecordedWork;

/** Does operations at once or, while work is recorded, keeps them. */
final class Tape {

    private Optional<List<Runnable>> running = Optional.empty();

    void take(Runnable operation) {
        if (running.isPresent()) {
            running.get().add(operation);
        } else {
            operation.run();
        }
    }

    RecordedWork record(Runnable work) {
        List<Runnable> operations = new ArrayList<>();
        running = Optional.of(operations);
        try {
            work.run();
        } finally {
            running = Optional.empty();
        }
        return new Operations(List.copyOf(operations));
    }

    /** Each is done with all the checks that it has when it is done at once. */
    private record Operations(List<Runnable> operations) implements RecordedWork {

        @Override
        public void replay() {
            operations.forEach(Runnable::run);
        }

        @Override
        public void close() {}
    }
}
