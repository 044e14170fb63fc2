/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.many;

import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.amend4j.lora.FittedAdapter;

/** The adapters of a server that are in memory: loaded when asked for, and dropped, least recently used first, for others. */
final class Residents {

    private final AdapterSet set;
    private final AdapterSource source;
    private final long budget;

    /** Bytes by name, the least recently used first. */
    private final LinkedHashMap<String, Long> bytes = new LinkedHashMap<>(16, 0.75f, true);

    private long loads;

    Residents(AdapterSet set, AdapterSource source, long budget) {
        this.set = set;
        this.source = source;
        this.budget = budget;
    }

    /** Names, the least recently used first. */
    List<String> names() {
        return List.copyOf(bytes.keySet());
    }

    long bytes() {
        return bytes.values().stream().mapToLong(Long::longValue).sum();
    }

    long loads() {
        return loads;
    }

    /**
     * Gets an adapter into memory.
     *
     * @param needed adapters that must stay there
     * @return whether there is room for it beside those; if not, nothing was dropped
     * @throws UnavailableAdapterException if it cannot be had at all
     */
    boolean obtain(String name, Set<String> needed) {
        if (name.equals(AdapterSet.BASE) || bytes.get(name) != null) {
            return true;
        }
        FittedAdapter adapter = load(name);
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

    private FittedAdapter load(String name) {
        loads++;
        try {
            return FittedAdapter.of(set.base(), source.load(name));
        } catch (IOException
                | RuntimeException
                | Error e) { // an error too: too little memory for one is enough for others
            throw new UnavailableAdapterException(name, e);
        }
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
