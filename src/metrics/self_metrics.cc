#include "metrics/self_metrics.h"
