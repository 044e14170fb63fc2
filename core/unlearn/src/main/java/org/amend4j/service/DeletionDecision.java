/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.amend4j.service.Requests.Ticket;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.unlearn.UnlearningPlan;

/**
 * What a service would answer to requests: which of them can be met together and by which method, and why the others cannot.
 * Nothing is changed by it.
 */
public final class DeletionDecision {

    private final UnlearningService service;
    private final List<Ticket> tickets;
    private final UnlearningPlan plan;
    private final Function<List<Ticket>, UnlearningPlan> plans;
    private final Function<UnlearningPlan, Optional<UnlearningMethod>> choice;
    private final Selection<Ticket, UnlearningMethod> selection;

    /**
     * The answer to some requests.
     *
     * @param service that answers
     * @param tickets in the order in which they came
     * @param plans how some of them can be met
     * @param choice of a method of the plan that it is given; empty to refuse
     * @throws IllegalArgumentException if there are no requests, or a method is chosen that the plan does not have
     */
    DeletionDecision(
            UnlearningService service,
            List<Ticket> tickets,
            Function<List<Ticket>, UnlearningPlan> plans,
            Function<UnlearningPlan, Optional<UnlearningMethod>> choice) {
        if (tickets.isEmpty()) {
            throw new IllegalArgumentException("nothing is to be forgotten: nobody asks who was not forgotten before");
        }
        this.service = service;
        this.tickets = List.copyOf(tickets);
        // a plan may be as dear as a training, and this one is asked for again
        this.plan = plans.apply(this.tickets);
        this.plans = some -> some.equals(this.tickets) ? this.plan : plans.apply(some);
        this.choice = one -> choice.apply(one).map(method -> ofPlan(one, method));
        this.selection = Selection.of(this.tickets, some -> this.choice.apply(this.plans.apply(some)));
    }

    /** The method, if the plan has it: the noise of another plan hides the records of another plan. */
    private static UnlearningMethod ofPlan(UnlearningPlan plan, UnlearningMethod method) {
        if (!plan.methods().contains(method) && !plan.noisy().contains(method)) {
            throw new IllegalArgumentException("a method must be one of the plan that it is chosen from, got '"
                    + method.name() + "' of another plan: take it from the plan that the choice is given");
        }
        return method;
    }

    /** Whether it is a service's answer to these requests. */
    boolean isOf(UnlearningService other, List<Ticket> requests) {
        return service == other && tickets.equals(requests);
    }

    /** Those that can be met together, in the order in which they came. */
    List<Ticket> accepted() {
        return selection.accepted();
    }

    /** How those that can be met together are; empty if none can. */
    public Optional<UnlearningMethod> method() {
        return selection.means();
    }

    /** Whether none of the requests can be met. */
    public boolean isRefusal() {
        return method().isEmpty();
    }

    /** How all of the requests could be met together. */
    public UnlearningPlan plan() {
        return plan;
    }

    /**
     * The requests that cannot be met, in the order in which they came; tickets of those that were not made are those that they
     * would have at least.
     */
    public List<Refusal> refusals() {
        return selection.refused().stream().map(this::refusal).toList();
    }

    private Refusal refusal(Selection.Refused<Ticket> refused) {
        Ticket ticket = refused.request();
        String name = ticket.subject().name();
        UnlearningPlan alone = plans.apply(List.of(ticket));
        if (refused.beside().isEmpty() || choice.apply(alone).isEmpty()) {
            return new Refusal(ticket.number(), name, true, alone.obstacle());
        }
        List<Ticket> together = new ArrayList<>(refused.beside());
        together.add(ticket);
        String reason = "together with " + refused.beside().size() + " requests before it: "
                + plans.apply(together).obstacle();
        return new Refusal(ticket.number(), name, false, reason);
    }
}
