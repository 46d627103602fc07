import '../../widgets/style/chunkscope.css';
import '../../widgets/style/head.css';
import '../../widgets/style/views.css';
import '../../widgets/style/graph.css';
import '../../widgets/style/memory.css';
import '../../widgets/style/insight.css';
import '../../widgets/style/lesson.css';
import './panel.css';
