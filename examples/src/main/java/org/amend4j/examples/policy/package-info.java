/** Jobs of policy gradients: training, evaluation, second-order reports and a demo. */
@NullMarked
package org.amend4j.examples.policy;

import org.jspecify.annotations.NullMarked;
