/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.serving;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Requests that wait for their adapters, by adapter, in the order in which these were asked for. */
final class ColdRequests {

    private final Map<String, List<Request>> byName = new LinkedHashMap<>();

    boolean isEmpty() {
        return byName.isEmpty();
    }

    /** The adapter that is waited for longest. */
    Optional<String> first() {
        return byName.keySet().stream().findFirst();
    }

    /** Adds one; whether it is the first for its adapter. */
    boolean add(Request request) {
        List<Request> others = byName.computeIfAbsent(request.name(), none -> new ArrayList<>());
        others.add(request);
        return others.size() == 1;
    }

    /** Takes those of an adapter. */
    List<Request> take(String name) {
        List<Request> theirs = byName.remove(name);
        return theirs == null ? List.of() : theirs;
    }

    /** Takes those that nobody waits for any more. */
    List<Request> takeLate() {
        List<Request> late = all().stream()
                .filter(request -> request.isLate() || request.answer().isDone())
                .toList();
        byName.values().forEach(some -> some.removeAll(late));
        byName.values().removeIf(Collection::isEmpty);
        return late;
    }

    /** Nanoseconds until the first is late, or so many if that is less. */
    long untilLate(long most) {
        long now = System.nanoTime();
        return all().stream().mapToLong(request -> request.late() - now).reduce(most, Math::min);
    }

    List<Request> all() {
        return byName.values().stream().flatMap(Collection::stream).toList();
    }
}
