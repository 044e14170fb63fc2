/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.serving;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.amend4j.internal.lora.FittedAdapter;

/** The adapters of a server that are in memory: the least recently used are dropped for others. */
final class Residents {

    private final AdapterSet set;
    private final long budget;

    /** Bytes by name, the least recently used first. */
    private final LinkedHashMap<String, Long> bytes = new LinkedHashMap<>(16, 0.75f, true);

    Residents(AdapterSet set, long budget) {
        this.set = set;
        this.budget = budget;
    }

    /** Names, the least recently used first. */
    List<String> names() {
        return List.copyOf(bytes.keySet());
    }

    long bytes() {
        return bytes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Whether an adapter is in memory; it is then the most recently used. */
    boolean has(String name) {
        return name.equals(AdapterSet.BASE) || bytes.get(name) != null;
    }

    /**
     * Puts an adapter into memory.
     *
     * @param needed adapters that must stay there
     * @return whether there is room for it beside those; if not, nothing was dropped
     * @throws UnavailableAdapterException if there is never room for it
     */
    boolean put(String name, FittedAdapter adapter, Set<String> needed) {
        if (adapter.bytes() > budget) {
            throw new UnavailableAdapterException(
                    name, "it takes " + adapter.bytes() + " bytes, more than the " + budget + " that are allowed");
        }
        long staying = bytes.entrySet().stream()
                .filter(entry -> needed.contains(entry.getKey()))
                .mapToLong(Map.Entry::getValue)
                .sum();
        if (staying + adapter.bytes() > budget) {
            return false;
        }
        makeRoom(adapter.bytes(), needed);
        set.add(name, adapter);
        bytes.put(name, adapter.bytes());
        return true;
    }

    private void makeRoom(long wanted, Set<String> needed) {
        Iterator<String> oldest = names().iterator();
        while (bytes() + wanted > budget) {
            String name = oldest.next();
            if (!needed.contains(name)) {
                drop(name);
            }
        }
    }

    /** Drops an adapter if it is there. */
    void drop(String name) {
        if (bytes.remove(name) != null) {
            set.delete(name);
        }
    }
}
