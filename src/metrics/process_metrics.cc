#include "metrics/process_metrics.h"
