/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.compiler.Value.Buffer.Planned;
import org.amend4j.internal.compiler.Value.Buffer.Planned.Numbers;

/** The memory for the intermediate values of plans, as large as the largest needs; one plan uses it at a time. */
final class Workspace implements AutoCloseable {

    private final Machine machine;
    private final ElementType real;
    private final boolean sharing;
    private final Map<Plan, Room> rooms = new HashMap<>();
    private Optional<Room> current = Optional.empty();
    private final Map<Numbers, MachineArray> shared = new EnumMap<>(Numbers.class);
    private final Map<Integer, MachineArray> separate = new HashMap<>();

    Workspace(Machine machine, ElementType real, boolean sharing) {
        this.machine = machine;
        this.real = real;
        this.sharing = sharing;
    }

    /** Where the values of a plan are in runs of at most a size. */
    private record Room(Plan plan, RunSize capacity, MemoryLayout layout) {

        static Room of(Plan plan, RunSize capacity) {
            return new Room(plan, capacity, plan.layout(capacity));
        }
    }

    /** Makes room for a plan. */
    void prepare(Plan plan, RunSize capacity) {
        Room room = rooms.compute(
                plan,
                (same, before) ->
                        before != null && before.capacity().equals(capacity) ? before : Room.of(same, capacity));
        if (sharing) {
            prepareShared(room.layout());
        } else if (!current.equals(Optional.of(room))) {
            current = Optional.empty();
            closeSeparate();
            plan.steps().forEach(step -> step.writes().forEach(value -> allocate(value, room.layout())));
        }
        current = Optional.of(room);
    }

    private void prepareShared(MemoryLayout layout) {
        for (Numbers numbers : Numbers.values()) {
            Optional<MachineArray> there = Optional.ofNullable(shared.get(numbers));
            if (layout.end(numbers) > 0
                    && there.filter(memory -> memory.length() >= layout.end(numbers))
                            .isEmpty()) {
                shared.remove(numbers); // there may be no memory for more
                there.ifPresent(MachineArray::close);
                shared.put(numbers, machine.allocate("working memory", type(numbers), layout.end(numbers)));
            }
        }
    }

    private void allocate(Value value, MemoryLayout layout) {
        if (value.buffer() instanceof Planned planned) {
            long length = layout.length(planned);
            separate.computeIfAbsent(
                    planned.id(), unused -> machine.allocate(value.name(), type(planned.numbers()), length));
        }
    }

    private ElementType type(Numbers numbers) {
        return switch (numbers) {
            case REAL -> real;
            case NARROW -> ElementType.BFLOAT16;
            case INTEGER -> ElementType.INT;
        };
    }

    /** The place of a value of the plan prepared last, with room for a run of a size. */
    MachineArray array(Value value, RunSize size) {
        Planned planned = (Planned) value.buffer();
        long length = value.length(size);
        if (!sharing) {
            return Objects.requireNonNull(separate.get(planned.id()), value.name())
                    .slice(0, length);
        }
        MemoryLayout layout = current.orElseThrow().layout();
        MachineArray memory = Objects.requireNonNull(shared.get(planned.numbers()), "memory was prepared");
        return memory.slice(layout.offset(planned), length);
    }

    private void closeSeparate() {
        separate.values().forEach(MachineArray::close);
        separate.clear();
    }

    /** Gives all memory back; it can be prepared again. */
    @Override
    public void close() {
        current = Optional.empty();
        shared.values().forEach(MachineArray::close);
        shared.clear();
        closeSeparate();
    }
}
