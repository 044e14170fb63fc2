/** Jobs of policy gradients: training, evaluation, second-order reports and a demo. */
@NullMarked
package org.amend4j.app.policy;

import org.jspecify.annotations.NullMarked;
